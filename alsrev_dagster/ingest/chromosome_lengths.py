"""Length of each chromosome on each genome build."""

from alsrev_dagster.vocabulary import CHROMOSOMES

_LENGTHS = {
    "GRCh37": """249250621 243199373 198022430 191154276 180915260 171115067 159138663 146364022
        141213431 135534747 135006516 133851895 115169878 107349540 102531392 90354753 81195210
        78077248 59128983 63025520 48129895 51304566 155270560 59373566 16569""",
    "GRCh38": """248956422 242193529 198295559 190214555 181538259 170805979 159345973 145138636
        138394717 133797422 135086622 133275309 114364328 107043718 101991189 90338345 83257441
        80373285 58617616 64444167 46709983 50818468 156040895 57227415 16569""",
}
LENGTHS: dict[str, dict[str, int]] = {
    build: dict(zip(CHROMOSOMES, map(int, text.split()), strict=True))
    for build, text in _LENGTHS.items()
}
"""Length in bp of each chromosome, by build (Genome Reference Consortium)."""

UCSC_HG19_M = 16_571
"""UCSC's hg19 has an older mitochondrial sequence than GRCh37; it says nothing of the rest."""

LONGEST: dict[str, int] = {
    chrom: max(*(lengths[chrom] for lengths in LENGTHS.values()), UCSC_HG19_M)
    for chrom in CHROMOSOMES
}
"""Length in bp of each chromosome on the build where it is longest."""
