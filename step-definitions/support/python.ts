/** Debian's own, which finds Debian's modules whatever other Python is first in the PATH. */
export const PYTHON = "/usr/bin/python3";
