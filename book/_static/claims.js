// The filter of the table of claims: by verdict and by section. Without this script the table shows all claims.
document.addEventListener("DOMContentLoaded", () => {
  const table = document.querySelector("table.claims");
  if (!table) return;
  const rows = [...table.querySelectorAll("tr[data-verdict]")];
  const chosen = { verdict: "", section: "" };
  const said = document.createElement("p");
  said.setAttribute("aria-live", "polite");

  const show = () => {
    for (const row of rows) {
      const section = row.parentElement.dataset.section;
      row.hidden = (chosen.verdict && chosen.verdict !== row.dataset.verdict)
        || (chosen.section && chosen.section !== section);
    }
    for (const body of table.tBodies) body.hidden = ![...body.querySelectorAll("tr[data-verdict]")].some((row) => !row.hidden);
    said.textContent = `${rows.filter((row) => !row.hidden).length} of ${rows.length} rows`;
  };

  // One list of choices: all, then each value that occurs, with its count.
  const choices = (name, label, values) => {
    const list = document.createElement("select");
    list.add(new Option(`${label}: all`, ""));
    for (const value of new Set(values)) {
      list.add(new Option(`${value} (${values.filter((each) => each === value).length})`, value));
    }
    list.setAttribute("aria-label", label);
    list.addEventListener("change", () => { chosen[name] = list.value; show(); });
    return list;
  };

  const filter = document.createElement("div");
  filter.className = "claims-filter";
  filter.append(
    choices("verdict", "verdict", rows.map((row) => row.dataset.verdict)),
    choices("section", "section", rows.map((row) => row.parentElement.dataset.section)),
    said,
  );
  table.before(filter);
  show();
});
