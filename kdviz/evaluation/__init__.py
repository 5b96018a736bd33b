"""Judgement: scores, paired comparisons, biases and costs of trained networks. No training."""
