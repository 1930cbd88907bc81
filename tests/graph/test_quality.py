"""Quality of whole studies: losses add up, arms are told apart, poor inputs end in words."""

import re
from pathlib import Path

import numpy as np
import pytest

from alsrev_dagster.errors import AlsrevError
from alsrev_dagster.open_study import OpenStudy
from assets import quality
from tests.builders import RECORDS, SAMPLES, VCF, samples_text, vcf_text, write_study
from tests.graph.at_work import run_here

FAILS_FILTER = "chr4 95000000 . A C" + " 0/1" * 8
CALLSETS = {name: {"files": f"genotypes/{name}.vcf"} for name in ("one", "two")}


def by_side(records_of: dict[str, list[str]]) -> dict[str, str | None]:
    """Cases in one callset, controls in another, each with its own records."""
    listed = samples_text().replace("joint,StAR", "one,StAR").replace("joint,PGB", "two,PGB")
    return {
        VCF: None,
        "samples.csv": listed,
        "genotypes/one.vcf": vcf_text(records_of["one"], SAMPLES[:4]),
        "genotypes/two.vcf": vcf_text(records_of["two"], SAMPLES[4:]),
    }


def cut(record: str, start: int) -> str:
    """Record with the calls of four samples."""
    words = record.split()
    return " ".join([*words[:5], *words[5 + start : 9 + start]])


def test_every_loss_is_counted_once_and_arms_are_told_apart(tmp_path: Path) -> None:
    text = vcf_text([*RECORDS, FAILS_FILTER])
    text = re.sub(r"(95000000.*?)PASS", r"\1LowQual", text)
    text = text.replace("##FORMAT", '##FILTER=<ID=LowQual,Description="x">\n##FORMAT', 1)
    study = write_study(
        tmp_path,
        files={VCF: text},
        exclude=[{"samples": [SAMPLES[7]], "reason": "withdrew"}],
        checks={"low_call_rate_share_max": 1.0},
    )
    lake = OpenStudy(run_here(study, "core.quality_loss").folder).lake
    lost = lake.frame("core.quality_loss").query("step == 0 or n_lost > 0")
    assert lost.drop(columns="step").to_numpy().tolist() == [
        ["record", "input", 6, 0, 6],
        ["sample", "input", 8, 0, 8],
        ["sample", "excluded in study.yaml", 8, 1, 7],
        ["variant", "input", 6, 0, 6],
        ["variant", "FILTER of the caller", 6, 1, 5],
        ["variant", "call_rate below 0.95", 5, 1, 4],
    ]
    qc = lake.frame("core.variant_qc").set_index("pos")
    indel = qc.loc[57140000]  # one of four cases has no call; of seven samples two are carriers
    assert indel[["case_call_rate", "control_call_rate"]].tolist() == [0.75, 1.0]
    assert indel[["mac", "case_mac", "control_mac"]].tolist() == [2, 1, 1]
    assert indel["missing_p"] == 1.0  # of seven samples one has no call: it is in some arm
    assert indel["hwe_mid_p"] == pytest.approx(0.5)


def test_callsets_that_share_no_variant_are_told(tmp_path: Path) -> None:
    files = by_side({"one": [cut(r, 0) for r in RECORDS[:3]], "two": [cut(RECORDS[4], 4)]})
    known = {"acknowledged": {"primary": {"callset": "called apart, which is what is asked about"}}}
    study = write_study(tmp_path, files=files, callsets=CALLSETS, loci={}, audit=known)
    made = run_here(study, "result.lead_variant")
    found = quality.some_variant_can_tell_the_sides_apart.judge(OpenStudy(study))
    assert not found.passed
    assert found.description == (
        "4 of 4 variants can tell nothing (expected fewer): 0 are left out by quality, 0 do not "
        "vary, 4 are in no callset of the cases or of the controls"
    )
    assert "some_variant_can_tell_the_sides_apart: 4 of 4 variants" in made.printed
    qc = OpenStudy(made.folder).lake.frame("core.variant_qc")
    assert np.isnan(qc["control_call_rate"].to_numpy(dtype=float, na_value=np.nan)).sum() == 3
    assert qc["missing_p"].tolist() == [1.0] * 4


def test_one_sample_a_side_is_judged_and_none_ends_in_words(tmp_path: Path) -> None:
    few = [*SAMPLES[1:4], *SAMPLES[5:]]
    study = write_study(tmp_path / "two", exclude=[{"samples": few, "reason": "withdrew"}])
    lake = OpenStudy(run_here(study).folder).lake
    assert lake.frame("core.sample_qc")["flag_reason"].isna().all()
    assert lake.frame("core.quality_loss").query("what == 'sample'")["n_after"].iloc[-1] == 2
    nobody = write_study(tmp_path / "none", exclude=[{"samples": [*SAMPLES], "reason": "withdrew"}])
    with pytest.raises(AlsrevError, match=r"no sample left after exclude|none left of 8"):
        run_here(nobody, "core.quality_loss")
