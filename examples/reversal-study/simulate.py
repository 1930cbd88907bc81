"""Make the example study: real genotypes, and simulated people around them.

Usage, from a checkout of alsrev::

    python examples/reversal-study/simulate.py \
        --genotypes kg3.exonic.GRCh38.vcf.gz --populations sample_population.tsv \
        --seed 2024 --out examples/reversal-study

The same inputs and seed give the same bytes.
"""

import argparse
import shutil
from pathlib import Path

import numpy as np
from simulation import cohort_rng, draw_cohort
from simulation.files import write_tables
from simulation.genotypes import choose_europeans, read_dosage, write_chromosomes
from simulation.planted import COHORT_SIZE, LEAD_VARIANT

HERE = Path(__file__).resolve().parent


def genome_rng(seed: int) -> np.random.Generator:
    """Return the generator that chooses which genomes take part."""
    return np.random.default_rng([seed, 0])


def make_study(genotypes: Path, populations: Path, seed: int, out: Path) -> None:
    """Write genotypes, tables and ``study.yaml`` into ``out``."""
    samples = choose_europeans(populations, sum(COHORT_SIZE.values()), genome_rng(seed))
    write_chromosomes(genotypes, samples, out / "genotypes")
    chrom = LEAD_VARIANT.partition("-")[0]
    dosage = read_dosage(out / "genotypes" / f"joint.{chrom}.vcf.gz", LEAD_VARIANT)
    write_tables(draw_cohort(dosage, cohort_rng(seed)), seed, out)
    for name in ("study.yaml", "igf1_axis.gmt", "genotypes/LICENSE.peddy.txt"):
        if not (out / name).exists():
            shutil.copyfile(HERE / name, out / name)


def main() -> None:
    """Read the command line and make the study."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--genotypes", type=Path, required=True, help="1000 Genomes VCF, GRCh38")
    parser.add_argument("--populations", type=Path, required=True, help="TSV of populations")
    parser.add_argument("--seed", type=int, required=True, help="seed of every draw")
    parser.add_argument("--out", type=Path, required=True, help="folder to write")
    given = parser.parse_args()
    make_study(given.genotypes, given.populations, given.seed, given.out)


if __name__ == "__main__":
    main()
