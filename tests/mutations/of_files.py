"""Mutations of ``cgcnn/files`` and ``cgcnn/machine``."""

from __future__ import annotations

from tests.mutations.mutation import Mutation

MUTATIONS = (
    Mutation(
        "A file of the user's own folder is not checked against its SHA-256",
        "cgcnn/files/downloads.py",
        (
            "        if difference := _difference(local, file):\n"
            '            raise DataError(f"{local}: {difference}", f"replace it by the file of {file.url}")\n'
        ),
        "",
        ("tests/test_datasets.py::test_a_file_with_another_hash_is_refused",),
    ),
    Mutation(
        "A download is not checked before it is kept",
        "cgcnn/files/downloads.py",
        'known_hash = file.sha256 and f"sha256:{file.sha256}"',
        "known_hash = None",
        ("tests/test_downloads.py",),
    ),
    Mutation(
        "A file that was downloaded before is not checked again",
        "cgcnn/files/downloads.py",
        "if local.is_file() and (difference := _difference(local, file)):",
        'if local.is_file() and (difference := _difference(local, file)) == "":',
        ("tests/test_downloads.py",),
    ),
    Mutation(
        "The contents of a file are not on the disk before it gets its name",
        "cgcnn/files/writing.py",
        ("        _synchronize(temporary)\n"),
        "",
        ("tests/test_writing.py",),
    ),
    Mutation(
        "The name of a file is not on the disk when the write ends",
        "cgcnn/files/writing.py",
        ("            _synchronize(path.parent)\n"),
        ("            pass\n"),
        ("tests/test_writing.py",),
    ),
    Mutation(
        "The temporary file of another process that still writes is removed",
        "cgcnn/files/writing.py",
        "> _SECONDS_OF_A_WRITE:",
        "> 0:",
        ("tests/test_writing.py",),
    ),
    Mutation(
        "A write that fails leaves its temporary file",
        "cgcnn/files/writing.py",
        ("        temporary.unlink(missing_ok=True)\n"),
        ("        pass\n"),
        ("tests/test_writing.py",),
    ),
    Mutation(
        "The seal of a file is not compared with its bytes",
        "cgcnn/files/seals.py",
        "if _digest(path, start) != written:",
        "if len(_digest(path, start)) != len(written):",
        ("tests/test_seals.py",),
    ),
    Mutation(
        "The seal covers the first megabyte alone",
        "cgcnn/files/seals.py",
        "        while chunk := stream.read(_CHUNK):",
        "        if chunk := stream.read(_CHUNK):",
        ("tests/test_seals.py",),
    ),
    Mutation(
        "The bytes before the seal are not sealed",
        "cgcnn/files/seals.py",
        "digest.update(stream.read(start))",
        "stream.read(start)",
        ("tests/test_seals.py",),
    ),
    Mutation(
        "A damaged file of the cache is believed",
        "cgcnn/files/arrays.py",
        ("    check_seal(path, way_out)\n"),
        "",
        ("tests/test_cache.py",),
    ),
    Mutation(
        "A file of the cache is written without its seal",
        "cgcnn/files/arrays.py",
        ("            seal(temporary)\n"),
        ("            pass\n"),
        ("tests/test_cache.py",),
    ),
    Mutation(
        "The digest of arrays does not see their shapes",
        "cgcnn/files/arrays.py",
        'f"{name} {array.dtype.str} {array.shape}\\n"',
        'f"{name} {array.dtype.str}\\n"',
        ("tests/test_arrays.py",),
    ),
    Mutation(
        "The digest of arrays does not see their names",
        "cgcnn/files/arrays.py",
        'f"{name} {array.dtype.str} {array.shape}\\n"',
        'f"{array.dtype.str} {array.shape}\\n"',
        ("tests/test_arrays.py",),
    ),
    Mutation(
        "A cached file is used whatever it was made from",
        "cgcnn/files/cache.py",
        'if stored.metadata.get("key") != key:',
        'if not stored.metadata.get("key"):',
        ("tests/test_cache.py",),
    ),
    Mutation(
        "The results of parallel tasks come in the order in which they end",
        "cgcnn/machine/parallel.py",
        'return_as="generator")',
        'return_as="generator_unordered")',
        ("tests/test_parallel.py",),
    ),
    Mutation(
        "Several processes do not add up the gradients of their moments",
        "cgcnn/machine/processes.py",
        "return _summed(gradient)",
        "return gradient",
        ("tests/test_processes.py::test_two_processes_have_the_gradients_of_one_on_the_same_batch",),
    ),
    Mutation(
        "The precision of products stays changed after a training",
        "cgcnn/machine/devices.py",
        "        torch.set_float32_matmul_precision(before)",
        "        pass",
        ("tests/test_devices.py",),
    ),
    Mutation(
        "A later file takes the place of the one that was accepted first",
        "cgcnn/files/downloads.py",
        "if not file.pinned or place.is_file():",
        "if not file.pinned:",
        ("tests/test_downloads.py",),
    ),
    Mutation(
        "A file that was read before is not compared with the one that was accepted first",
        "cgcnn/files/downloads.py",
        "    if found != kept:",
        "    if not kept:",
        ("tests/test_downloads.py",),
    ),
    Mutation(
        "A JSON list that is cut short is taken as far as it goes",
        "cgcnn/files/json_lists.py",
        '    _pass(window, "]")',
        '    window.at += window.next_character() == "]"',
        ("tests/test_json_lists.py",),
    ),
)
