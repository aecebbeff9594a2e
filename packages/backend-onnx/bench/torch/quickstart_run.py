"""PyTorch's side of the time to an accuracy: SimCLR with a small ResNet; bench/protocol.ts says what it reads and writes."""

import argparse
import gzip
import json
import math
import resource
import sys
import time

import torch
import torch.nn.functional as F

from simclr import SimClr, adamw, nt_xent

MEAN, STD = 0.2860, 0.3530


def read_images(path):
    """[count, 1, height, width], in [0, 1]."""
    with gzip.open(path) as file:
        data = bytearray(file.read())
    count, height, width = (int.from_bytes(data[at : at + 4], "big") for at in (4, 8, 12))
    pixels = torch.frombuffer(data, dtype=torch.uint8, offset=16)
    return pixels.reshape(count, 1, height, width).float() / 255


def uniform(count, low, high):
    return low + (high - low) * torch.rand(count)


def draw_views(images):
    """An affine crop of each image, mirrored or not, with brightness and contrast changed."""
    count = len(images)
    area, ratio = uniform(count, 0.3, 1), uniform(count, -math.log(4 / 3), math.log(4 / 3)).exp()
    width, height = (area * ratio).sqrt().clamp(max=1), (area / ratio).sqrt().clamp(max=1)
    mirror = torch.where(torch.rand(count) < 0.5, -1.0, 1.0)
    theta = torch.zeros(count, 2, 3)
    theta[:, 0, 0], theta[:, 1, 1] = mirror * width, height
    theta[:, 0, 2], theta[:, 1, 2] = uniform(count, -1, 1) * (1 - width), uniform(count, -1, 1) * (1 - height)
    grid = F.affine_grid(theta, images.shape, align_corners=False)
    crops = F.grid_sample(images, grid, padding_mode="border", align_corners=False)
    changed = (torch.rand(count) < 0.8).view(-1, 1, 1, 1)
    brightness, contrast = (uniform(count, 0.6, 1.4).view(-1, 1, 1, 1) for _ in range(2))
    brighter = (crops * brightness).clamp(0, 1)
    mean = brighter.mean((1, 2, 3), keepdim=True)
    return torch.where(changed, (mean + (brighter - mean) * contrast).clamp(0, 1), crops)


def normalised(images, channels_last):
    """[batch, height, width, 1], in memory as the encoder has its maps."""
    values = (images - MEAN) / STD
    if channels_last:
        values = values.contiguous(memory_format=torch.channels_last)
    return values.permute(0, 2, 3, 1)


def learning_rate(step, steps, peak):
    """A linear rise over 5 % of the steps, then half a cosine to 0."""
    warmup = round(0.05 * steps)
    if step < warmup:
        return peak * (step + 1) / warmup
    return peak * 0.5 * (1 + math.cos(math.pi * (step - warmup) / (steps - warmup)))


@torch.inference_mode()
def write_features(encoder, images, arguments):
    encoder.eval()
    features = torch.cat([encoder(normalised(part, arguments.channels_last)) for part in images.split(500)])
    encoder.train()
    features.float().numpy().tofile(arguments.features)
    return features.shape[1]


def train(arguments):
    images = read_images(arguments.images)
    bank = images[: arguments.bank]
    started, started_busy = time.perf_counter(), time.process_time()
    paused, paused_busy = 0.0, 0.0
    row = json.loads(arguments.row)
    model = SimClr(row)
    if arguments.channels_last:
        model.to(memory_format=torch.channels_last)
    optimizer = adamw(model, 0.0, 1e-4)
    batch = row["batch"]
    per_epoch = len(bank) // batch
    for epoch in range(1, arguments.epochs + 1):
        order, total = torch.randperm(len(bank)), 0.0
        for index in range(per_epoch):
            chosen = bank[order[index * batch : (index + 1) * batch]]
            views = normalised(torch.cat([draw_views(chosen), draw_views(chosen)]), arguments.channels_last)
            for group in optimizer.param_groups:
                group["lr"] = learning_rate((epoch - 1) * per_epoch + index, arguments.epochs * per_epoch, 4e-3)
            with torch.autocast("cpu", torch.bfloat16, enabled=arguments.precision == "bfloat16"):
                loss = nt_xent(model(views), row["temperature"])
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
            total += loss.item()
        if epoch % arguments.every == 0:
            since, since_busy = time.perf_counter(), time.process_time()
            moment = {"epoch": epoch, "seconds": since - started - paused, "loss": total / per_epoch}
            moment["processorSeconds"] = since_busy - started_busy - paused_busy
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            moment["peakMegabytes"] = peak / (2**20 if sys.platform == "darwin" else 2**10)
            moment["dim"] = write_features(model.encoder, images, arguments)
            print(json.dumps(moment), flush=True)
            if not sys.stdin.readline():
                return
            paused += time.perf_counter() - since
            paused_busy += time.process_time() - since_busy


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--row", required=True, help="the row as JSON")
    parser.add_argument("--images", required=True, help="gzipped IDX file")
    parser.add_argument("--bank", type=int, required=True, help="images to train on, from the first")
    parser.add_argument("--features", required=True, help="where to leave the features of all images, raw float32")
    parser.add_argument("--epochs", type=int, required=True)
    parser.add_argument("--every", type=int, required=True, help="epochs between features")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, required=True, help="for torch.set_num_threads")
    parser.add_argument("--precision", choices=["float32", "bfloat16"], required=True)
    parser.add_argument("--channels-last", action="store_true")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    torch.manual_seed(arguments.seed)
    train(arguments)


if __name__ == "__main__":
    main()
