"""The words of ALS: ALSFRS-R items and totals, stages, the recovery phenotype.

Tables in, tables out. No files, no genotypes, no models.
"""
