from __future__ import annotations

import h5py
import pytest

from layerfix.commands import doctor
from layerfix.commands.advisories import HDF5, KERAS, known


@pytest.mark.parametrize(
    ("version", "names"),
    [
        ((3, 11, 3), {"CVE-2025-12058", "CVE-2026-0897", "CVE-2026-1669"}),
        ((3, 12, 1), set()),
        ((3, 13, 1), {"CVE-2026-0897", "CVE-2026-1669"}),
        ((3, 13, 2), set()),
    ],
)
def test_advisories_concern_the_versions_that_they_name(version: tuple[int, ...], names: set[str]) -> None:
    assert {found.name for found in KERAS if found.concerns(version)} == names


@pytest.mark.slow
def test_doctor_names_what_is_known_against_libraries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(h5py.version, "hdf5_version", "1.14.6")
    monkeypatch.setattr(doctor, "_installed", lambda name: "3.13.0" if name == "keras" else "99.0")
    health = doctor.examine()
    symptoms = {symptom.name: symptom for symptom in health.symptoms}
    assert symptoms["HDF5 library"].state == "limited"
    assert "CVE-2026-106547" in symptoms["HDF5 library"].advice
    assert symptoms["keras"].state == "bad"
    assert "CVE-2026-1669" in symptoms["keras"].advice
    assert not health.well


def test_nothing_is_known_against_versions_after_all_fixes() -> None:
    assert known(HDF5, (99, 0)) == known(KERAS, (99, 0)) == ""
