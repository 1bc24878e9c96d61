-- Words are letters and digits: Postgres's own reading takes `t3.micro` for a host and finds no `micro` in it.
DROP INDEX "Call_message_idx";
CREATE INDEX "Call_message_idx" ON "Call" USING gin (to_tsvector('simple', regexp_replace("message", '[^[:alnum:]]+', ' ', 'g')))
  WHERE "message" <> '';
