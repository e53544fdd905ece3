-- +goose Up
-- Making the indexes takes as long as it takes.
SET LOCAL statement_timeout = 0;

-- By which a decision finds uses and verdicts. What decisions themselves showed is not looked for by decisions, and took a page of this
-- large index for each digest: most of what a decision wrote to the disk.
DROP INDEX identity_digests_find;
CREATE INDEX identity_digests_find ON identity_digests (digest, campaign_id, subject, at DESC, subject_id)
    WHERE subject <> 'decision';
-- By which an erasure and a person's page find decisions. Those that were made one after the other stand together, so that a new one
-- writes where the last one did; whoever looks for a digest asks part by part.
CREATE INDEX identity_digests_decisions ON identity_digests ((subject_id / 16384), digest, subject_id)
    WHERE subject = 'decision';
