"""Runs a program in a terminal and answers the first question: with_terminal.py ANSWER PROGRAM ARGUMENT..."""

import os
import pty
import sys

answer, *command = sys.argv[1:]
question = b"[y/N] "
child, terminal = pty.fork()
if child == 0:
    os.execvp(command[0], command)
said = b""
while True:
    try:
        part = os.read(terminal, 4096)
    except OSError:  # the program has closed its terminal
        break
    if not part:
        break
    os.write(1, part)
    said += part
    if question in said:
        os.write(terminal, answer.encode() + b"\n")
        said = b""
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
