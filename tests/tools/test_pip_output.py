"""Pip's own words, read for what it is doing."""

from __future__ import annotations

from tools.set_up.pip_output import PipOutput

SAID = """\
Using pip 23.2.1 from /env/lib/python3.11/site-packages/pip (python 3.11)
Ignoring colorama: markers 'sys_platform == "win32"' don't match your environment
Collecting sqlite-utils==4.2.1 (from -r .ci/demo.lock (line 7))
  Downloading sqlite_utils-4.2.1-py3-none-any.whl (90 kB)
  Downloading sqlite_utils-4.2.1-py3-none-any.whl (76.6 MB)
Processing /wheels/onnx_runtime-1.31.1-cp311-cp311-manylinux_2_28_x86_64.whl (from -r .ci/demo.lock (line 9))
Requirement already satisfied: numpy==2.4.6 in /env/lib/python3.11/site-packages
Collecting llama-cpp-python==0.3.36 (from -r .ci/demo.lock (line 12))
  Installing build dependencies: started
  Collecting scikit-build-core>=0.9.2
Building wheels for collected packages: llama-cpp-python, hnswlib
  Building wheel for llama-cpp-python (pyproject.toml): started
  [1/140] /usr/bin/g++ -c ggml.cpp
  [35/140] /usr/bin/g++ -c llama.cpp
  [100/140] something that ended
  Building wheel for llama-cpp-python (pyproject.toml): finished with status 'done'
  Building wheel for hnswlib (pyproject.toml): started
  [ 50%] Building CXX object hnswlib.o
Installing collected packages: sqlite-utils, hnswlib
Successfully installed sqlite-utils-4.2.1 hnswlib-0.8.0
""".splitlines()


def test_each_line_tells_what_goes_on_and_what_comes() -> None:
    now = 0.0
    output = PipOutput(6, clock=lambda: now)
    seen: list[tuple[str, str, str]] = []
    for line in SAID:
        output.read(line)
        said = (output.detail, output.left, output.coming)
        if not seen or seen[-1] != said:
            seen.append(said)
        now += 5
    rest = "compile what has no wheel, install"
    assert seen == [
        ("asking the index", "", "fetch the packages"),
        ("fetching sqlite-utils (1 of 5)", "", rest),
        ("fetching sqlite-utils, 76.6 MB (1 of 5)", "", rest),
        ("fetching onnx_runtime (2 of 5)", "", rest),
        ("fetching numpy (3 of 5)", "", rest),
        ("fetching llama-cpp-python (4 of 5)", "", rest),
        ("getting what builds llama-cpp-python (4 of 5)", "", rest),
        ("compiling llama-cpp-python", "", "compile hnswlib, install"),
        ("compiling llama-cpp-python, 1 of 140 files", "", "compile hnswlib, install"),
        ("compiling llama-cpp-python, 35 of 140 files", "0:30", "compile hnswlib, install"),
        ("compiling llama-cpp-python, 100 of 140 files", "0:06", "compile hnswlib, install"),
        ("compiling hnswlib", "", "install"),
        ("compiling hnswlib, 50 %", "", "install"),
        ("installing 2 packages", "", ""),
    ]


def test_other_words_change_nothing() -> None:
    output = PipOutput(1)
    for line in ("", "[1/2] not while nothing is built", "Building something else", "  Building wheel for", "☃"):
        output.read(line)
    assert (output.detail, output.is_compiling) == ("asking the index", False)
