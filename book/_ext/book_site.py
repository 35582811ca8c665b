"""What every page of the book has around its text: tags for machines, version and commit, links that lead somewhere.

Pages load nothing from other hosts. Until ``repository_is_public`` is true in ``_config.yml``, no button leads to the
repository's address, because nothing is there.
"""

from __future__ import annotations

import re
import subprocess
from html import escape
from typing import Any

import yaml
from docutils import nodes
from docutils.nodes import Node, document
from sphinx.application import Sphinx
from sphinx.config import Config

from cgcnn.files.paths import project_root

#: The buttons and services of the theme that need a public address.
_BUTTONS = ("use_repository_button", "use_issues_button", "use_edit_page_button")
# Source maps of scripts, translations, and a figure that pages take from another folder.
_UNUSED = ("**/*.map", "locales/**/*.*", "figure_1.svg")
# Search engines show about this many characters.
_LONGEST_DESCRIPTION = 200
# No page starts a kernel, and the script that draws atoms waits for the first touch of a map.
_UNWANTED = re.compile("thebe|3dmol", re.IGNORECASE)


def settle(app: Sphinx, config: Config) -> None:
    """Set what the files of the repository decide: buttons, the footer, and the box that says how to cite."""
    options, citation = config.html_theme_options, _citation()
    if not config.repository_is_public:
        options.update(dict.fromkeys(_BUTTONS, False), launch_buttons={})
    commit = _commit()
    made_from = f"Version {citation['version']}" + (f", commit <code>{commit}</code>" if commit else "")
    config.html_context = {
        "default_mode": "auto",
        **config.html_context,
    }  # without it, each page has an error in its log
    options["extra_footer"] = f"<p>{made_from}</p>"
    config.myst_substitutions = {**config.myst_substitutions, "bibtex": bibtex(citation)}


def bibtex(citation: dict[str, Any]) -> str:
    """Return the entry of BibTeX for the book, as a block of code in Markdown."""
    authors = " and ".join(f"{{{author['name']}}}" for author in citation["authors"])
    year = str(citation["date-released"])[:4]
    lines = [
        "```bibtex",
        "@software{hierarchical_visualization_reproduced,",
        f"  author = {{{authors}}},",
        f"  title = {{{citation['title']}}},",
        f"  version = {{{citation['version']}}},",
        f"  year = {{{year}}},",
        "}",
        "```",
    ]
    return "\n".join(lines)


def add_tags(app: Sphinx, page: str, template: str, context: dict[str, Any], tree: document | None) -> None:
    """Add the description and the tags of Open Graph and of citation to a page; load each script once.

    Jupyter Book asks for some scripts twice. Those of Thebe, which runs cells on another host, are left out.
    """
    scripts = {_text_of(each): each for each in context.get("script_files", [])}
    context["script_files"] = [each for text, each in scripts.items() if not _UNWANTED.search(text)]
    if tree is None:
        return
    citation = _citation()
    text = description(tree) or citation["title"]
    properties = {
        "og:type": "article",
        "og:site_name": citation["title"],
        "og:title": context.get("title") or citation["title"],
        "og:description": text,
    }
    named = {
        "description": text,
        "citation_title": citation["title"],
        "citation_publication_date": str(citation["date-released"]).replace("-", "/"),
    }
    tags = [_tag("property", name, value) for name, value in properties.items()]
    tags += [_tag("name", name, value) for name, value in named.items()]
    tags += [_tag("name", "citation_author", author["name"]) for author in citation["authors"]]
    context["metatags"] = context.get("metatags", "") + "\n" + "\n".join(tags)


def description(tree: Node) -> str:
    """Return the beginning of a page's first paragraph, cut between words."""
    for paragraph in tree.findall(nodes.paragraph):
        text = " ".join(paragraph.astext().split())
        if len(text) > _LONGEST_DESCRIPTION:
            text = text[:_LONGEST_DESCRIPTION].rsplit(" ", 1)[0] + " …"
        return text
    return ""


def leave_out_unused(app: Sphinx, exception: Exception | None) -> None:
    """Remove files of the theme that no page of this book loads, a tenth of its bytes."""
    if exception is None and app.builder.format == "html":
        static = app.outdir / "_static"
        for path in (path for pattern in _UNUSED for path in static.glob(pattern)):
            path.unlink()
        for folder in sorted((path for path in static.rglob("*") if path.is_dir()), reverse=True):
            if not any(folder.iterdir()):
                folder.rmdir()


def _tag(kind: str, name: str, value: str) -> str:
    return f'<meta {kind}="{name}" content="{escape(_plain(value))}" />'


def _plain(text: str) -> str:
    """Return the text of a title, which the theme gives with tags."""
    return str(nodes.unescape(text)).replace("<em>", "").replace("</em>", "")


def _text_of(script: Any) -> str:
    attributes = getattr(script, "attributes", {})
    return f"{getattr(script, 'filename', script)} {attributes.get('body') or ''}"


def _citation() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((project_root() / "CITATION.cff").read_text())
    return found


def _commit() -> str:
    """Return the short name of the commit that the book is made from; empty where Git does not know."""
    command = ["git", "-C", str(project_root()), "rev-parse", "--short", "HEAD"]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""


def setup(app: Sphinx) -> dict[str, Any]:
    """Add the steps."""
    app.setup_extension("source_links")  # which has the setting
    app.connect("config-inited", settle)
    app.connect("html-page-context", add_tags, priority=900)  # after the theme has added its scripts
    app.connect("build-finished", leave_out_unused)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
