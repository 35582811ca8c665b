"""Numbers of several seeds: their means, the number of each seed, and 95 % intervals."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from scipy.stats import t

#: The name under which a section writes the number of each seed, by the dotted name of the number.
BY_SEED = "by_seed"
#: The name under which a section writes the 95 % interval of a number that is none of single seeds.
INTERVALS = "intervals"
_CONFIDENCE = 0.95


def over_seeds(of_seeds: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the means of numbers over the seeds, and the number of each seed.

    Args:
        of_seeds: The numbers of each seed, which have the same names. A value may be a dictionary of further numbers. A
            number that is None for one of the seeds is None.

    Returns:
        The numbers by the same names, and under ``by_seed`` the list of each number over the seeds. A number of a
        dictionary has a dotted name there, such as ``knn_r2.density``.
    """
    names = list(_flat(of_seeds[0]))
    flat = [_flat(numbers) for numbers in of_seeds]
    lists = {name: [numbers[name] for numbers in flat] for name in names}
    whole = {name: values for name, values in lists.items() if all(value is not None for value in values)}
    means: dict[str, Any] = {}
    for name in names:
        *folders, last = name.split(".")
        place = means
        for folder in folders:
            place = place.setdefault(folder, {})
        place[last] = float(np.mean(whole[name])) if name in whole else None
    return {**means, BY_SEED: {name: [float(value) for value in values] for name, values in whole.items()}}


def by_set_and_seed(name: str, of_sets: Mapping[str, Sequence[float]]) -> dict[str, Any]:
    """Return the means of a number of several sets, which need not have the same seeds, as :func:`join` takes them.

    Args:
        name: The name of the number.
        of_sets: The number of each seed, by set. A set without seeds has a mean of None.

    Returns:
        The means by set under the name, and under ``by_seed`` the numbers of each set with seeds, by ``<name>.<set>``.
    """
    means = {of: float(np.mean(values)) if len(values) else None for of, values in of_sets.items()}
    of_seeds = {f"{name}.{of}": [float(value) for value in values] for of, values in of_sets.items() if len(values)}
    return {name: means, BY_SEED: of_seeds}


def join(*parts: Mapping[str, Any]) -> dict[str, Any]:
    """Return the numbers of several parts of a section in one dictionary.

    Args:
        parts: The numbers of each part. Where two parts have a number of one name, the later part counts. The numbers
            under ``by_seed`` and under ``intervals`` are joined.
    """
    joined: dict[str, Any] = {}
    for part in parts:
        kept = {name: {**joined.get(name, {}), **part[name]} for name in (BY_SEED, INTERVALS) if name in part}
        joined = {**joined, **part, **kept}
    return joined


def named_values(numbers: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """Return numbers of a section by other names, for its text.

    Args:
        numbers: The numbers of a section.
        names: The dotted name of each number, by its new name.

    Returns:
        The numbers by their new names; None for one that this run did not measure.
    """
    flat = _flat(numbers)
    return {name: flat.get(dotted) for name, dotted in names.items()}


def text_by_seed(numbers: Mapping[str, Any], name: str, digits: int = 2) -> str:
    """Return a number with the least and the greatest of its seeds, such as ``1.88 (1.41 to 2.30 by seed)``.

    Args:
        numbers: Numbers with ``by_seed``, as :func:`over_seeds` returns them.
        name: The dotted name of the number.
        digits: The number of digits after the decimal point.

    Returns:
        The text. A number of one seed stands alone, and ``not measured here`` stands for one that is missing.
    """
    values = numbers.get(BY_SEED, {}).get(name, ())
    if not len(values):
        return "not measured here"
    mean, least, greatest = (f"{value:.{digits}f}" for value in (np.mean(values), min(values), max(values)))
    return mean if len(values) == 1 else f"{mean} ({least} to {greatest} by seed)"


def with_interval(name: str, value: float, interval: tuple[float, float]) -> dict[str, Any]:
    """Return a number with an interval of its own, as :func:`join` takes it.

    Args:
        name: The name of the number, without dots.
        value: The number.
        interval: The ends of its 95 % interval.
    """
    return {name: value, INTERVALS: {name: list(interval)}}


def mean_interval(values: Sequence[float]) -> tuple[float, float] | None:
    """Return Student's 95 % interval of the mean of independent numbers, such as those of seeds.

    Args:
        values: The numbers.

    Returns:
        The ends of the interval; None for fewer than two numbers.
    """
    if len(values) < 2:
        return None
    return _around(float(np.mean(values)), float(np.std(values, ddof=1)) / len(values) ** 0.5, len(values) - 1)


def crossed_interval(table: np.ndarray) -> tuple[float, float] | None:
    """Return the 95 % interval of the mean of numbers that two independent draws decide, such as seeds and folds.

    The variances of the two means are added, as for crossed random effects without interaction.

    Args:
        table: The (n seeds, n folds) numbers.

    Returns:
        The ends of the interval; None for fewer than two seeds or fewer than two folds.
    """
    of_seeds, of_folds = (mean_interval(table.mean(axis=axis).tolist()) for axis in (1, 0))
    if of_seeds is None or of_folds is None:
        return None
    halves = [(high - low) / 2 for low, high in (of_seeds, of_folds)]
    mean, half = float(table.mean()), (halves[0] ** 2 + halves[1] ** 2) ** 0.5
    return mean - half, mean + half


def jackknife_interval(statistic: Callable[[Sequence[int]], float], n_seeds: int) -> tuple[float, float] | None:
    """Return the 95 % interval of a number that all seeds give together, by leaving out one seed after the other.

    Source: Efron and Stein 1981, doi 10.1214/aos/1176345462 (the variance), with Student's factor.

    Args:
        statistic: The function that computes the number from the seeds with given places, counted from 0.
        n_seeds: The number of seeds.

    Returns:
        The ends of the interval around the number of all seeds; None for fewer than three seeds.
    """
    if n_seeds < 3:
        return None
    everyone = list(range(n_seeds))
    without = np.array([statistic([seed for seed in everyone if seed != left_out]) for left_out in everyone])
    variance = (n_seeds - 1) / n_seeds * ((without - without.mean()) ** 2).sum()
    return _around(float(statistic(everyone)), float(variance**0.5), n_seeds - 1)


def _around(mean: float, standard_error: float, degrees_of_freedom: int) -> tuple[float, float]:
    half = float(t.ppf((1 + _CONFIDENCE) / 2, degrees_of_freedom)) * standard_error
    return mean - half, mean + half


def _flat(numbers: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in numbers.items():
        if isinstance(value, Mapping):
            flat.update(_flat(value, f"{prefix}{name}."))
        else:
            flat[f"{prefix}{name}"] = value
    return flat
