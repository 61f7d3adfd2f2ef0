# payapi.env.example as the settings of payapi.env(5): awk -f settings.awk payapi.env.example
#
# A section is "# --- Title ---"; what stands above the first one is said in the page itself. Comments
# explain the settings that follow them, up to the next comment; #NAME=value is a default.

/^# --- / { end_entry(); print ".SS " plain(title($0)); in_sections = 1; next }
!in_sections || /^$/ { next }
/^#?[A-Z][A-Z0-9_]*=/ { tags[++tag_count] = tag($0); next }
/^# / {
    if (tag_count > 0)
        end_entry()
    text = text plain(substr($0, 3)) "\n"
}
END { end_entry() }

function end_entry(    i)
{
    for (i = 1; i <= tag_count; i++)
        print (i == 1 ? ".TP" : ".TQ") "\n" tags[i]
    printf "%s", text
    text = ""
    tag_count = 0
}

function title(line)
{
    sub(/^# -+ /, "", line)
    sub(/ -+$/, "", line)
    return line
}

# Bold name, and the default behind it.
function tag(line,    name, value)
{
    sub(/^#/, "", line)
    name = line
    sub(/=.*/, "", name)
    value = substr(line, length(name) + 2)
    return "\\fB" name "\\fR" (value != "" ? " (" plain(value) ")" : "")
}

# As roff takes it: escapes, `code` in bold, options with their own hyphens.
function plain(line)
{
    gsub(/\\/, "\\e", line)
    gsub(/--/, "\\-\\-", line)
    gsub(/'/, "\\(aq", line)
    while (match(line, /`[^`]*`/))
        line = substr(line, 1, RSTART - 1) "\\fB" substr(line, RSTART + 1, RLENGTH - 2) "\\fR" \
            substr(line, RSTART + RLENGTH)
    sub(/^\./, "\\\\\\&.", line)
    return line
}
