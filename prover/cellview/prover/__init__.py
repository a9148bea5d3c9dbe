"""The prover package of Cellview."""
