"""SimCLR as its training step is usually written in PyTorch."""

import torch
import torch.nn.functional as F
from torch import nn

from encoders import MlpHead, encoder_of


class SimClr(nn.Module):
    def __init__(self, row):
        super().__init__()
        self.encoder = encoder_of(row["encoder"])
        self.projector = MlpHead([self.encoder.output_dim, *row["projector"]])

    def forward(self, views):
        return self.projector(self.encoder(views))


def nt_xent(z, temperature):
    """z holds the projections of view 0, then those of view 1."""
    rows = z.shape[0]
    unit = F.normalize(z.float(), dim=1)
    similarities = (unit @ unit.t() / temperature).fill_diagonal_(float("-inf"))
    return F.cross_entropy(similarities, torch.arange(rows).roll(rows // 2))


def adamw(model, learning_rate, weight_decay):
    """No weight decay on biases and norms."""
    matrices = [parameter for parameter in model.parameters() if parameter.ndim > 1]
    vectors = [parameter for parameter in model.parameters() if parameter.ndim <= 1]
    groups = [{"params": matrices, "weight_decay": weight_decay}, {"params": vectors, "weight_decay": 0.0}]
    return torch.optim.AdamW(groups, lr=learning_rate)
