"""From recorded statements to a pgbench script that does the same work on rows of its own.

Statement texts and parameters are the program's, a round trip is a pipeline. What belongs to the
recorded row (its number of 26 digits) becomes the iteration's number :u; an id that the program drew
becomes one made of :u. The version of a row that a peek saw (xmin) is what the script's own peek sees.
All other parameters are passed as they were.
"""
import re

from rows import name

DRAWN = re.compile(r"(?<![A-Za-z0-9])((?:pay|pca|evt|txn|ref|whe|cs|pi|ch|re|req|prb)_(?:test_)?)([A-Za-z0-9]{16,})")
SEEN = re.compile(r"\b([op])\.xmin = \$(\d+)")        # against the version in a peek
VERSIONS = {"o": "order_version", "p": "payment_version"}
ROLES = "123456789ABCDEFGHJKMNPQRSTVW"        # X to Z are in rows.py


class Script:
    def __init__(self, trips, number, fresh, aliases):
        """number: of the row that the recorded request was about. fresh: each row serves once.
        aliases: what that row has instead of the names that the other rows have.
        """
        self.aliases = aliases
        self.number = name(number)
        self.variables = {}
        self.roles = {}
        peeks = any(SEEN.search(statement.sql) for trip in trips for statement in trip)
        self.text = self.head(fresh) + "".join(
            self.peek(trip[0]) if peeks and "order_version" in trip[0].sql else self.pipeline(trip) for trip in trips)

    @staticmethod
    def head(fresh):
        if not fresh:
            return "\\set u random(:first, :last)\n"
        return "\\set i :i + 1\n\\set u :first + :i * :clients + :client_id\n"

    def pipeline(self, trip):
        return "\\startpipeline\n" + "".join(self.statement(s) for s in trip) + "\\endpipeline\n"

    def peek(self, statement):
        """pgbench takes no values out of a pipeline; a peek is a round trip of its own."""
        return self.statement(statement).removesuffix(";\n") + " \\gset seen_\n"

    def statement(self, statement):
        seen = {int(number) - 1: VERSIONS[table] for table, number in SEEN.findall(statement.sql)}
        values = [f":seen_{seen[at]}" if at in seen else self.value(parameter)
                  for at, parameter in enumerate(statement.parameters)]
        return re.sub(r"\$(\d+)", lambda found: values[int(found[1]) - 1], statement.sql) + ";\n"

    def value(self, parameter):
        if parameter is None:
            return "NULL"
        if isinstance(parameter, bytes):
            return f"convert_to({self.words(parameter.decode())}, 'UTF8')"
        return self.words(parameter)

    def words(self, text):
        for alias, usual in self.aliases.items():
            text = text.replace(alias, usual)
        parts = self.parts(text)
        if len(parts) == 1:
            return parts[0]
        return "(" + " || ".join(part if "lpad" in part else part + "::text" for part in parts) + ")"

    def parts(self, text):
        parts, at = [], 0
        pattern = re.compile(re.escape(self.number) + "|" + DRAWN.pattern)
        for found in pattern.finditer(text):
            if found[0] == self.number:
                before, made = text[at:found.start()], "lpad(:u::text, 26, '0')"
            elif found[2] == self.number:
                before, made = text[at:found.start(2)], "lpad(:u::text, 26, '0')"
            else:
                before = text[at:found.start(2)] + self.role(found[0])
                made = "lpad(:u::text, 25, '0')"
            if before:
                parts.append(self.variable(before))
            parts.append(made)
            at = found.end()
        if at < len(text) or not parts:
            parts.append(self.variable(text[at:]))
        return parts

    def role(self, drawn):
        return ROLES[self.roles.setdefault(drawn, len(self.roles))]

    def variable(self, text):
        if text == "":
            return "''"                 # pgbench has no empty variables
        return ":" + self.variables.setdefault(text, f"v{len(self.variables)}")

    def options(self):
        return [option for text, variable in self.variables.items() for option in ("-D", f"{variable}={text}")]
