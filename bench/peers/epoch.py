"""An epoch of training 784 - 100 sigmoid - 10 on MNIST in PyTorch, on one thread:
cross-entropy, Adam at 1e-3, batches of 128 in a random order.

    python3 epoch.py FOLDER     with the training images and labels as IDX files, .gz or not

Prints the seconds of the epoch and the percentage of training images right after it.
"""

import gzip
import os
import sys
import time

import numpy
import torch


def idx(folder, name, header):
    for ending, opener in ((".gz", gzip.open), ("", open)):
        path = os.path.join(folder, name + ending)
        if os.path.exists(path):
            with opener(path, "rb") as f:
                return numpy.frombuffer(f.read(), numpy.uint8, offset=header)
    sys.exit("no %s in %s" % (name, folder))


def main():
    torch.set_num_threads(1)
    torch.manual_seed(1)
    pixels = torch.from_numpy(idx(sys.argv[1], "train-images-idx3-ubyte", 16).reshape(-1, 784).astype(numpy.float32) / 255)
    labels = torch.from_numpy(idx(sys.argv[1], "train-labels-idx1-ubyte", 8).astype(numpy.int64))
    net = torch.nn.Sequential(torch.nn.Linear(784, 100), torch.nn.Sigmoid(), torch.nn.Linear(100, 10))
    adam, loss = torch.optim.Adam(net.parameters(), lr=1e-3), torch.nn.CrossEntropyLoss()

    def learn(batch):
        adam.zero_grad(set_to_none=True)
        loss(net(pixels[batch]), labels[batch]).backward()
        adam.step()

    learn(torch.arange(128))  # warm-up
    start = time.perf_counter()
    for batch in torch.randperm(len(labels)).split(128):
        learn(batch)
    seconds = time.perf_counter() - start
    with torch.no_grad():
        right = (net(pixels).argmax(1) == labels).float().mean().item()
    print("%.9f %.2f" % (seconds, 100 * right))


main()
