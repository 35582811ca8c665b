"""The precision of matrix products is that of the run while it is trained, and the caller's before and after."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from cgcnn.data.crystals import Crystals
from cgcnn.machine.devices import matmul_precision
from cgcnn.training import steps as training_steps
from cgcnn.training.config import Config
from cgcnn.training.fit import fit


def test_the_precision_of_products_is_set_for_the_body_alone_also_where_it_fails() -> None:
    assert torch.get_float32_matmul_precision() == "highest"
    with matmul_precision("medium"):
        assert torch.get_float32_matmul_precision() == "medium"
    assert torch.get_float32_matmul_precision() == "highest"
    with pytest.raises(KeyError), matmul_precision("high"):
        raise KeyError("anything")
    assert torch.get_float32_matmul_precision() == "highest"


@pytest.mark.parametrize("precision", ["highest", "high", "medium"])
def test_a_run_is_trained_with_the_precision_that_it_asks_for(
    few: Crystals, precision: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    found: list[str] = []

    def stop(*_: Any, **__: Any) -> None:
        found.append(torch.get_float32_matmul_precision())
        raise InterruptedError

    monkeypatch.setattr(training_steps, "backward", stop)
    with pytest.raises(InterruptedError):
        fit(few.select(range(20)), Config(epochs=1).replace(matmul_precision=precision), device="cpu")
    assert found == [precision]
    assert torch.get_float32_matmul_precision() == "highest"
