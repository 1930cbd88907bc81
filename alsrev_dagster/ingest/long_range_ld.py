"""Regions of long-range linkage disequilibrium, by build."""

import numpy as np
from numpy.typing import NDArray

LONG_RANGE_LD: dict[str, tuple[tuple[str, int, int], ...]] = {
    "GRCh37": (
        ("chr1", 48_000_000, 52_000_000),
        ("chr2", 86_000_000, 100_500_000),
        ("chr2", 134_500_000, 138_000_000),
        ("chr2", 183_000_000, 190_000_000),
        ("chr3", 47_500_000, 50_000_000),
        ("chr3", 83_500_000, 87_000_000),
        ("chr3", 89_000_000, 97_500_000),
        ("chr5", 44_500_000, 50_500_000),
        ("chr5", 98_000_000, 100_500_000),
        ("chr5", 129_000_000, 132_000_000),
        ("chr5", 135_500_000, 138_500_000),
        ("chr6", 25_500_000, 33_500_000),
        ("chr6", 57_000_000, 64_000_000),
        ("chr6", 140_000_000, 142_500_000),
        ("chr7", 55_000_000, 66_000_000),
        ("chr8", 8_000_000, 12_000_000),
        ("chr8", 43_000_000, 50_000_000),
        ("chr8", 112_000_000, 115_000_000),
        ("chr10", 37_000_000, 43_000_000),
        ("chr11", 46_000_000, 57_000_000),
        ("chr11", 87_500_000, 90_500_000),
        ("chr12", 33_000_000, 40_000_000),
        ("chr12", 109_500_000, 112_000_000),
        ("chr20", 32_000_000, 34_500_000),
    ),
    "GRCh38": (
        ("chr1", 47_534_328, 51_534_328),
        ("chr2", 85_772_877, 99_883_538),
        ("chr2", 133_742_429, 137_242_430),
        ("chr2", 182_135_273, 189_135_274),
        ("chr3", 47_458_510, 49_962_567),
        ("chr3", 83_450_849, 86_950_850),
        ("chr3", 88_950_850, 97_781_156),
        ("chr5", 44_499_898, 51_204_166),
        ("chr5", 98_664_296, 101_164_296),
        ("chr5", 129_664_307, 132_664_308),
        ("chr5", 136_164_311, 139_164_311),
        ("chr6", 25_499_772, 33_532_223),
        ("chr6", 57_135_202, 63_290_095),
        ("chr6", 139_678_863, 142_178_863),
        ("chr7", 54_932_307, 66_535_013),
        ("chr8", 8_142_478, 12_142_491),
        ("chr8", 43_144_857, 49_087_441),
        ("chr8", 110_987_771, 113_987_771),
        ("chr10", 36_711_072, 42_504_552),
        ("chr11", 45_978_449, 57_232_526),
        ("chr11", 87_766_832, 90_766_832),
        ("chr12", 32_847_066, 39_606_198),
        ("chr12", 109_062_195, 111_562_196),
        ("chr20", 33_412_194, 35_912_078),
    ),
}
"""The 24 regions of Price et al. (2008), Am J Hum Genet 83:132-135, first and last position.

Their megabases are printed for NCBI build 36 and used on GRCh37 as they are, as the University of
Michigan's list and Prive's bigsnpr do: the builds differ there by less than the regions' blur.
GRCh38's are those of GRCh37, each end moved as the genes next to it are (GENCODE v32 in both
builds); they are the lifted ones that are in use, and hold centromeres where the lift is in pieces.
"""


def is_in_long_range_ld(chrom: str, pos: NDArray[np.int64], build: str) -> NDArray[np.bool_]:
    """Whether each position of a chromosome lies in a region of long-range LD.

    Examples
    --------
    >>> is_in_long_range_ld("chr6", np.array([25_499_771, 30_000_000]), "GRCh38").tolist()
    [False, True]
    """
    inside: NDArray[np.bool_] = np.zeros(len(pos), dtype=np.bool_)
    for name, first, last in LONG_RANGE_LD[build]:
        if name == chrom:
            inside |= (pos >= first) & (pos <= last)
    return inside
