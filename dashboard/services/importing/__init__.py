"""Import of files: what is in them, how they should be read, and reading them into a stream.

::

    service     Importer: preview, labels, run; what pages and the command line call
    plan        what a file is found to be (Preview) and what to make of it (Plan)
    uploads     files on their way in, under the data folder
    writing     an import under way: samples into the database, hidden until the last one
    worker      starts the reader and hears what it says
    ---------------------------------------------------------------------------------------
    reader      a process of its own, within limits of memory and of silence
    looking     the first look: format, columns, first rows
    detect      format, delimiter, quotes, header; encodings: the encoding
    tables      rows of text formats: CSV, TSV, JSONL, plain text; records: those of CSV, a hundred
                lines at once; lines: their lines
    binary      rows of Parquet and XLSX
    columns     types of columns and what they are probably for
    shape       a row becomes a sample, or a sentence about what is wrong with it

Below the line no database, no River and no Dash are imported: the reader starts in a tenth of a
second, and whatever a file makes a library do ends with that process, not with the server.

CSV is read by Python's `csv` and JSON by `json`, not by Polars or PyArrow. All three were tried on
1,000,000 rows of 200 bytes. The other two read them five to ten times as fast, but writing them
into the database takes longer than any of the three, so that nobody would wait less; and they name
neither the line of a row nor the column of an overlong cell, and cannot carry on after a quote that
is never closed. Parquet is PyArrow's.
"""
