"""What to do about records that stand where they cannot, in the words of a format's tools."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Advice:
    """One sentence for each kind of problem that the tools of a format can mend."""

    contig: str
    spelling: str
    sort: str
    ref: str
    duplicate: str


BCFTOOLS = Advice(
    contig="rename it with bcftools annotate --rename-chrs, or leave it out",
    spelling="rename one with bcftools annotate --rename-chrs, then sort",
    sort="sort the file with bcftools sort",
    ref="write the file again from its source; see bcftools norm --check-ref",
    duplicate="join or drop the duplicates (bcftools norm --multiallelics -, then --rm-dup exact)",
)
PLINK = Advice(
    contig="leave it out (plink2 --chr 1-22,X,Y,MT); what of X stands apart as XY, 25, PAR1 or "
    "PAR2 goes back into X with plink2 --merge-x or --merge-par, and --sort-vars",
    spelling="write the fileset again with plink2 --make-pgen --sort-vars",
    sort="sort the fileset with plink2 --make-pgen --sort-vars",
    ref="give the alleles as bases (from the array's manifest, or plink2 --ref-from-fa), or "
    "leave the variant out with plink2 --exclude",
    duplicate="drop all but one (plink2 --set-all-var-ids '@-#-$r-$a', then --rm-dup exclude-all "
    "or force-first)",
)
