"""A service manager's end of NOTIFY_SOCKET: prints each datagram as one JSON line."""
import json
import socket
import sys
import time

name = sys.argv[1]
receiver = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
receiver.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
receiver.bind("\0" + name[1:] if name.startswith("@") else name)
print(json.dumps({"text": "bound", "pid": 0}), flush=True)
while True:
    data, ancillary, _, _ = receiver.recvmsg(4096, socket.CMSG_SPACE(12))
    pid = int.from_bytes(ancillary[0][2][:4], sys.byteorder) if ancillary else 0
    print(json.dumps({"text": data.decode(), "pid": pid, "at": time.monotonic()}), flush=True)
