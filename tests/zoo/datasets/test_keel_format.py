from seqzoo.datasets import keel_format


def test_the_header_and_empty_lines_are_no_rows():
    table = "@relation r\n@attribute a {x, y}\n@data\nx, 1.5 , one\n\ny,2,two\n"
    assert keel_format.parse(table) == [["x", "1.5", "one"], ["y", "2", "two"]]
