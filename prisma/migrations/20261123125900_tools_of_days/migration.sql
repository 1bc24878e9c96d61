-- Which tools are called most in a long time: the rows of days lie scattered among twenty times as many of hours, and reading those
-- as well cost more than all the rest of the page. In this index they lie together, with the figures.

CREATE INDEX "CallTool_of_days" ON "CallTool" ("organisationId", "at", "serverId", "grantId", "tool")
    INCLUDE ("calls", "refused", "asked", "errors") WHERE "hours" = 24;
