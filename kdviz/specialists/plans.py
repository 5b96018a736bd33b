"""What suits each dataset of the panel *Specialists*."""

from kdviz.data.catalog import DATASETS

LR = 0.003  # peak learning rate of the specialists, and of generalists trained on

# As the panel offers them: the clearest groups first.
PLANS = {name: DATASETS[name].plan for name in ("hierarchy", "python-docs", "digits")}
