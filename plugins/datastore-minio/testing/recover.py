"""Makes an image of a disk from the objects of its bucket, by what ../README.md says and nothing of Pagurus.

The objects are files below a folder, named as their keys, as `mc cp --recursive` or `mc mirror` leaves them.

    recover.py FOLDER               lists the layers
    recover.py FOLDER LAYER IMAGE   makes the image, sparse; fails where the disk is damaged
"""

import hashlib
import json
import os
import re
import struct
import sys
import zlib

BLOCK, SECTOR, CHECK = 4096, 512, 4
SECTORS = BLOCK // SECTOR
CELL = BLOCK + CHECK
WORD = 0xFFFFFFFF
KNOWN = {"version", "log", "window", "sizeBytes", "stamp", "removed", "journal", "confirmedThrough"}
REGION = 2048


class Damaged(Exception):
    pass


def demand(sound, problem):
    if not sound:
        raise Damaged(problem)


def read(path):
    with open(path, "rb") as file:
        return file.read()


def names(folder):
    return sorted(os.listdir(folder)) if os.path.isdir(folder) else []


class Index:
    """The end of a log object."""

    def __init__(self, path, log, number):
        data = read(path)
        demand(len(data) >= 148 and data[-4:] == b"PGS1", f"{path} has no index")
        length = struct.unpack_from("<I", data, len(data) - 8)[0]
        demand(148 <= length <= len(data), f"{path} is shorter than its index")
        index = data[len(data) - length :]
        self.checksum = hashlib.sha256(index[:-40]).digest()
        demand(self.checksum == index[-40:-8], f"the checksum of {path}'s index is wrong")
        form, kind, _, count = struct.unpack_from("<BBHI", index)
        demand(form == 1 and kind in (0, 1), f"{path} has a format that is not known here")
        self.fence = kind == 1
        owner, _, own, self.confirmed, point, self.next, cells = struct.unpack_from("<16s16sIIIII", index, 8)
        demand(owner == log.bytes and own == number, f"{path} is another object")
        demand(cells + length == len(data), f"{path} has another length than it was made with")
        self.predecessor = index[60:92]
        self.checkpoint = (point, index[92:108].hex())
        self.records = [struct.unpack_from("<IIIIII", index, 108 + 24 * at) for at in range(count)]


class Map:
    """Where each block lies, and the pieces that lie over it, the oldest first."""

    def __init__(self):
        self.blocks, self.pieces = {}, {}

    def put(self, block, place):
        self.blocks[block] = place
        self.pieces.pop(block, None)

    def remove(self, first, count):
        for held in (self.blocks, self.pieces):
            for block in [block for block in held if first <= block < first + count]:
                del held[block]

    def add(self, block, first, sectors, place):
        self.pieces.setdefault(block, []).append((first, sectors, place))

    def replay(self, number, records):
        for head, count, block, position, segment, origin in records:
            kind, first, sectors = head & 0xFF, head >> 8 & 0xFF, head >> 16 & 0xFF
            if kind == 3:
                self.remove(block, count)
            elif kind == 1:
                for at in range(count):
                    place = (number, position + at * CELL)
                    if segment == 0:
                        self.put(block + at, place)
                    elif self.blocks.get(block + at) == (segment, origin + at * CELL):
                        self.blocks[block + at] = place
            elif kind == 2 and segment == 0:
                self.add(block, first, sectors, (number, position))
            elif kind == 2:
                moved = (first, sectors, (segment, origin))
                pieces = self.pieces.get(block, [])
                if moved in pieces:
                    pieces[pieces.index(moved)] = (first, sectors, (number, position))
            else:
                raise Damaged(f"number {number} has a record of kind {kind}")


class Part:
    """A part of a checkpoint."""

    def __init__(self, data):
        self.data, self.at, self.segment = data, 0, 0

    def byte(self):
        self.at += 1
        return self.data[self.at - 1]

    def number(self):
        value = shift = 0
        while True:
            byte = self.byte()
            value |= (byte & 127) << shift
            if byte < 128:
                return value
            shift += 7

    def place(self, flags):
        if not flags & 2:
            difference = self.number()
            self.segment = (self.segment + (difference >> 1 ^ -(difference & 1))) & WORD
        length = 4 if flags & 1 else 3
        self.at += length
        return (self.segment, int.from_bytes(self.data[self.at - length : self.at], "little"))

    def regions(self, into):
        region = 0
        while self.at < len(self.data):
            region += self.number()
            block, runs, pieces = region * REGION, self.number(), self.number()
            for _ in range(runs):
                flags = self.byte()
                block += self.number() if flags & 4 else 0
                count = flags >> 3 or self.number()
                segment, position = self.place(flags)
                for at in range(count):
                    into.put(block + at, (segment, position + at * CELL))
                block += count
            block = region * REGION
            for _ in range(pieces):
                block += self.number()
                flags = self.byte()
                into.add(block, flags >> 2 & 7, flags >> 5, self.place(flags))
            region += 1


def checkpoint(path, log, number):
    """The map through that number, and the checksum of the log object that has it."""
    data = read(path)
    demand(data[:4] == b"PGC1" and struct.unpack_from("<I", data, 4)[0] == 1, f"{path} is no checkpoint of format 1")
    own, count = struct.unpack_from("<II", data, 24)
    demand(data[8:24] == log.bytes and own == number, f"{path} is another checkpoint")
    end = 72 + 36 * count
    demand(hashlib.sha256(data[:end]).digest() == data[end : end + 32], f"the checksum of {path}'s head is wrong")
    found = Map()
    for at in range(count):
        length, digest = struct.unpack_from("<I32s", data, 72 + 36 * at)
        part = data[end + 32 :] if at == count - 1 else read(f"{path}.{at + 1}")
        demand(len(part) == length and hashlib.sha256(part).digest() == digest, f"part {at + 1} of {path} is damaged")
        reader = Part(part)
        while at == 0 and reader.number() != WORD:
            reader.number()
        reader.regions(found)
    return found, data[40:72]


class Log:
    def __init__(self, root, log, window, known):
        self.root, self.id, self.window, self.known = root, log, window, known
        self.bytes = bytes.fromhex(log.replace("-", ""))
        self.seed = zlib.crc32(log.encode())
        self.numbers = {int(name) for name in names(f"{root}/logs/{log}") if re.fullmatch(r"\d{16}", name)}

    def path(self, number):
        return f"{self.root}/logs/{self.id}/{number:016d}"

    def recover(self):
        """From the newest checkpoint that leads to the end, else from the empty disk that every log begins with."""
        folder = f"{self.root}/checkpoints/{self.id}"
        problem = None
        for name in names(folder)[::-1] + [""]:
            if name and not re.fullmatch(r"\d{16}\.[0-9a-f]{32}", name):
                continue
            try:
                number, nonce = (int(name[:16]), name[17:]) if name else (0, "")
                start = checkpoint(f"{folder}/{name}", self, number) if name else (Map(), bytes(32))
                found, named = self.walk(number, *start, (number, nonce))
                if named:
                    return found
            except Damaged as damage:
                problem = problem or damage
        raise problem

    def walk(self, number, found, checksum, start):
        named = number == 0
        number += 1
        while number in self.numbers:
            index = Index(self.path(number), self, number)
            demand(index.predecessor == checksum, f"{self.path(number)} follows another object")
            found.replay(number, index.records)
            named = named or index.checkpoint == start
            checksum = index.checksum
            number = index.next if index.fence else number + 1
        for later in sorted(other for other in self.numbers if other > number):
            knew = Index(self.path(later), self, later).confirmed >= number
            demand(not knew and later < number + self.window, f"{self.path(number)} is gone")
        demand(not named or number > self.known, f"{self.path(number)} is gone, and all after it")
        return found, named

    def cell(self, block, first, sectors, place):
        segment, position = place
        length = sectors * SECTOR
        with open(self.path(segment), "rb") as file:
            file.seek(position)
            data = file.read(length + CHECK)
        at = block * SECTORS + first
        seed = (self.seed ^ segment * 0x9E3779B1 ^ at * 0x85EBCA6B) & WORD
        sound = len(data) == length + CHECK and zlib.crc32(data[:length], seed) == int.from_bytes(data[length:], "little")
        demand(sound, f"the bytes at {position} of {self.path(segment)} are not those that were written there")
        return data[:length]

    def block(self, found, block):
        """Only what no later piece covers is read: the rest may be gone."""
        layers = [(0, SECTORS, found.blocks[block])] if block in found.blocks else []
        layers += found.pieces.get(block, [])
        content, seen = bytearray(BLOCK), set()
        for first, sectors, place in reversed(layers):
            wanted = set(range(first, first + sectors)) - seen
            cell = self.cell(block, first, sectors, place) if wanted else b""
            for sector in wanted:
                at = (sector - first) * SECTOR
                content[sector * SECTOR : (sector + 1) * SECTOR] = cell[at : at + SECTOR]
            seen |= wanted
        return content


def stored(root, key):
    """A record: JSON that ends with the CRC-32 of its key and of all that stands before that."""
    data = read(f"{root}/{key}")
    end = data.rfind(b',"checksum":')
    demand(end >= 0, f"{key} has no checksum")
    found = json.loads(data)
    demand(found.pop("checksum") == zlib.crc32(data[:end], zlib.crc32(key.encode())), f"{key} is damaged")
    demand(found.keys() <= KNOWN, f"{key} is of a newer release")
    return found


def record(root, layer):
    """What the layer was made as, and the newest of its later states over it."""
    made = stored(root, f"layers/{layer}/made")
    states = [name for name in names(f"{root}/layers/{layer}") if name.startswith(made["log"] + ".")]
    return {**made, **(stored(root, f"layers/{layer}/{states[-1]}") if states else {})}


def main(root, layer=None, image=None):
    if layer is None:
        for name in names(f"{root}/layers"):
            if os.path.exists(f"{root}/layers/{name}/made"):
                print(name, json.dumps(record(root, name)))
        return
    about = record(root, layer)
    size = about["sizeBytes"]
    log = Log(root, about["log"], about["window"], about.get("confirmedThrough", 0))
    found = log.recover()
    with open(image, "xb") as file:
        file.truncate(size)
        for block in sorted(set(found.blocks) | set(found.pieces)):
            offset = block * BLOCK
            if offset < size:
                file.seek(offset)
                file.write(log.block(found, block)[: size - offset])


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except Damaged as damage:
        sys.exit(f"damaged: {damage}")
