"""Runs a program in a terminal: with_terminal.py ANSWER PROGRAM ARGUMENT...

Answers questions with ANSWER, or with Ctrl-C or Ctrl-D where it is ^C or ^D. A question ends with the text in the environment variable
QUESTION, by default "[y/N] ". Presses Ctrl-C on SIGUSR1. Its exit code is the one that a shell would show.
"""

import os
import pty
import signal
import sys

CTRL_C = b"\x03"
CTRL_D = b"\x04"

answer, *command = sys.argv[1:]
question = os.environ.get("QUESTION", "[y/N] ").encode()
child, terminal = pty.fork()
if child == 0:
    os.execvp(command[0], command)
signal.signal(signal.SIGUSR1, lambda *_: os.write(terminal, CTRL_C))
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
        os.write(terminal, {"^C": CTRL_C, "^D": CTRL_D}.get(answer, answer.encode() + b"\n"))
        said = b""
code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
sys.exit(code if code >= 0 else 128 - code)
