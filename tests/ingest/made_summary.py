"""Files of summary statistics as the programs write them."""

import gzip
from pathlib import Path

import yaml

PLINK_FIRTH = """\
#CHROM	POS	ID	REF	ALT	A1	AX	A1_FREQ	FIRTH?	TEST	OBS_CT	OR	LOG(OR)_SE	L95	U95	Z_STAT	P	ERRCODE
4	100	rs0	A	G	G	A	0.175	Y	ADD	80	1.27864	0.515648	0.465402	3.51293	0.476679	0.633591	.
4	200	rs1	CTT	C	C	CTT	0.3625	Y	ADD	80	1.24078	0.429045	0.535171	2.87673	0.502845	0.615073	.
4	300	rs2	G	C,T	C	G,T	0.14375	Y	ADD	80	0.684835	0.645143	0.193392	2.42512	-0.586811	0.557331	.
4	300	rs2	G	C,T	T	G,C	0.1375	Y	ADD	80	1.32467	0.56571	0.437095	4.0146	0.497016	0.619178	.
4	400	rs3	A	T	A	T	0.275	N	ADD	80	1.42132	0.433413	0.607811	3.32363	0.811195	0.417254	.
X	3000000	rs5	G	A	A	G	0.3125	Y	ADD	80	0.786415	0.439992	0.331993	1.86283	-0.546079	0.585012	.
X	3000000	rs5	G	A	A	G	0.3125	Y	SEX	80	0.834263	0.563686	0.276371	2.51833	-0.321467	0.747857	.
"""
"""PLINK v2.00a3.5 --glm firth cols=+a1freq,+ci,+ax --ci 0.95, on 80 made-up samples; the column
FIRTH? as firth-fallback writes it, put in by hand."""

PLINK_OMIT_REF = """\
#CHROM	POS	ID	REF	ALT	A1	TEST	OBS_CT	OR	LOG(OR)_SE	Z_STAT	P	ERRCODE
4	400	rs3	A	T	T	ADD	80	0.703576	0.433413	-0.811186	0.417259	.
"""
"""The fifth row again, with omit-ref: A1 is ALT."""

REGENIE_ROWS = """\
CHROM GENPOS ID ALLELE0 ALLELE1 A1FREQ INFO N TEST BETA SE CHISQ LOG10P EXTRA
1 1001 v1 A G 0.214575 1 494 ADD 0.0775674 0.230001 0.113736 0.133163 NA
1 1002 v2 C T 0.218623 1 494 ADD 0.131068 0.239808 0.29872 0.233077 NA
23 1003 v3 G GA 0.17004 1 494 ADD -0.750767 0.263409 8.68164 402.49291 NA
1 1004 v4 G A 0.17004 1 494 ADD NA NA NA NA TEST_FAIL
1 1005 v5 2 1 0.17004 1 494 ADD 0.2 0.2 1 0.4 NA
"""
"""Numbers of REGENIE's example output (test_bin_out_firth_Y1.regenie) on alleles of our own."""

SSF_HEADER = (
    "chromosome\tbase_pair_location\teffect_allele\tother_allele\tbeta\tstandard_error\t"
    "effect_allele_frequency\tp_value\tvariant_id\trsid\tref_allele\n"
)
SSF_EXAMPLE = SSF_HEADER + (
    "1\t869388\tA\tG\t-0.016619\t0.00806496\t0.997221\t0.1\t1_869388_A_G\t#NA\tEA\n"
    "1\t205813916\tG\tC\t-0.0089589\t0.00331941\t0.983589\t9.7E-03\t1_205813916_G_C\trs74143855\tEA\n"
    "2\t70478797\tT\tTG\t0.0187528\t0.00167685\t0.934121\t3.5E-30\t2_70478797_T_TG\trs142640435\tEA\n"
    "7\t8458030\tTC\tT\t-0.0184003\t0.00101051\t0.78451\t5.7E-76\t7_8458030_TC_T\trs774624811\tEA\n"
    "23\t24173186\tA\tC\t0.00387762\t0.08757958\t0.627178\t2.3E-08\t23_24173186_C_A\trs5949233\tOA\n"
)
"""The example of the specification (examples/0000123.tsv)."""


def write(folder: Path, name: str, text: str, **metadata: object) -> Path:
    """Write a file, packed if its name says so, and its metadata if there are."""
    path = folder / name
    packed = text.encode()
    path.write_bytes(gzip.compress(packed) if name.endswith(".gz") else packed)
    if metadata:
        (folder / f"{name}-meta.yaml").write_text(yaml.safe_dump(metadata))
    return path
