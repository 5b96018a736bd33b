"""Datasets and transfer sets: what teachers learn from and students are taught on. No training."""
