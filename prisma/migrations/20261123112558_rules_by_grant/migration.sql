-- Which rules refuse most in a long time is asked of one grant or of all together (nil): so the grant comes before the time, and the
-- figure itself is in the index, which then is all that is read. A month of 5,000,000 calls took 0.6 s, and takes 0.1 s.
-- Prisma knows nothing of indexes of a part of the rows, nor of columns that are only carried along.

CREATE INDEX "CallRule_of_days" ON "CallRule" ("organisationId", "grantId", "at", "serverId", "policyId", "code", "rule")
    INCLUDE ("calls") WHERE "hours" = 24;
