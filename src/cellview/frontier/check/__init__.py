"""The determinism check: one experiment run in many ways, with kills, and with defects planted on purpose."""
