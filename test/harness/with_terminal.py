"""Runs a program in a terminal and answers its question: with_terminal.py ANSWER PROGRAM ARGUMENT...

The question ends with the text in the environment variable QUESTION, by default "[y/N] ".
"""

import os
import pty
import sys

answer, *command = sys.argv[1:]
question = os.environ.get("QUESTION", "[y/N] ").encode()
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
