"""PyTorch's side of the comparison; bench/protocol.ts says what it reads and writes."""

import argparse
import json
import resource
import sys
import time

import torch

from simclr import SimClr, adamw, nt_xent
from weights import copy_weights, read_safetensors


def training(model, row, settings, views, precision):
    """One step of SimCLR on a fixed batch."""
    optimizer = adamw(model, settings["learningRate"], settings["weightDecay"])

    def run():
        with torch.autocast("cpu", torch.bfloat16, enabled=precision == "bfloat16"):
            loss = nt_xent(model(views), row["temperature"])
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        return loss.item()

    return run


def embedding(model, views, precision):
    """The encoder in evaluation mode on a fixed batch."""
    encoder = model.encoder.eval()

    def run():
        with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16, enabled=precision == "bfloat16"):
            return encoder(views).float().abs().mean().item()

    return run


def prepare(arguments):
    row = json.loads(arguments.row)
    tensors = read_safetensors(arguments.tensors)
    model = SimClr(row)
    views = torch.cat([tensors[name] for name in ("view0", "view1") if name in tensors])
    if row["measures"] == "embedding":
        model.projector = torch.nn.Identity()
    copy_weights(tensors, model)
    if arguments.channels_last:
        model.to(memory_format=torch.channels_last)
    elif row["encoder"]["name"] == "resnet":
        stored = views.permute(0, 3, 1, 2).clone(memory_format=torch.contiguous_format)
        views = stored.permute(0, 2, 3, 1)  # channels-last to look at, channels-first in memory
    parameters = sum(parameter.numel() for parameter in model.parameters())
    if row["measures"] == "embedding":
        return parameters, embedding(model, views, arguments.precision)
    return parameters, training(model, row, json.loads(arguments.optimizer), views, arguments.precision)


def measure(run, steps):
    wall, processor, check = [], [], []
    for _ in range(steps):
        started, busy = time.perf_counter(), time.process_time()
        check.append(run())
        wall.append(1000 * (time.perf_counter() - started))
        processor.append(1000 * (time.process_time() - busy))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)
    return {"wall": wall, "processor": processor, "check": check, "peakMegabytes": peak}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--row", required=True, help="the row as JSON")
    parser.add_argument("--optimizer", required=True, help="settings of AdamW as JSON")
    parser.add_argument("--tensors", required=True, help="safetensors file of weights and views")
    parser.add_argument("--threads", type=int, required=True, help="for torch.set_num_threads")
    parser.add_argument("--precision", choices=["float32", "bfloat16"], required=True)
    parser.add_argument("--channels-last", action="store_true")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    parameters, run = prepare(arguments)
    print(json.dumps({"parameters": parameters}), flush=True)
    for line in sys.stdin:
        print(json.dumps(measure(run, int(line))), flush=True)


if __name__ == "__main__":
    main()
