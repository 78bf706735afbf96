"""Environment to hand on: the ledger and the execution report as workbook and PDF."""
