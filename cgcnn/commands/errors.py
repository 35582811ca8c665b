"""Say how far a run errs on the parts of its data, beside what the mean of its training targets would err."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cgcnn.data.crystals import Crystals
    from cgcnn.data.quantity import Quantity
    from cgcnn.training.runs import Run


@dataclass(frozen=True)
class Errors:
    """The mean absolute errors of a run on one part of its data, in its unit.

    Attributes:
        part: ``validation`` or ``test``.
        n_crystals: The number of crystals in the part.
        mae: The error of the run.
        mean_predictor_mae: The error of the mean of the training targets.
    """

    part: str
    n_crystals: int
    mae: float
    mean_predictor_mae: float


def errors_of(run: Run, crystals: Crystals, device: str) -> list[Errors]:
    """Return the errors of a run on its validation and its test crystals.

    Args:
        run: A finished run.
        crystals: The whole data set of the run.
        device: The device to compute on.

    Raises:
        DataError: The crystals are not the data of the run.
    """
    from cgcnn.analysis.prediction import mean_absolute_error, mean_predictor_error

    return [
        Errors(
            part,
            len(getattr(run.split, part)),
            mean_absolute_error(run, crystals, part, device),
            mean_predictor_error(run, crystals, part),
        )
        for part in ("validation", "test")
    ]


def error_lines(errors: list[Errors], quantity: Quantity) -> Iterator[list[str]]:
    """Yield the cells of one line per part: the error, its unit, the number of crystals, and the mean's error."""
    for each in errors:
        of_mean = f"mean predictor {each.mean_predictor_mae:.5f}"
        crystals = f"{each.n_crystals} crystal" + ("s" if each.n_crystals > 1 else "")
        cells = [f"{each.part} MAE", f"{each.mae:.5f}", quantity.unit, crystals, of_mean]
        yield [cell for cell in cells if cell]
