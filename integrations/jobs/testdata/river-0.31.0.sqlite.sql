CREATE TABLE river_queue (
    name text PRIMARY KEY NOT NULL,
    created_at timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP,
    metadata blob NOT NULL DEFAULT (json('{}')),
    paused_at timestamp,
    updated_at timestamp NOT NULL
);
CREATE TABLE river_leader (
    elected_at timestamp NOT NULL,
    expires_at timestamp NOT NULL,
    leader_id text NOT NULL,
    name text PRIMARY KEY NOT NULL DEFAULT 'default' CHECK (name = 'default'),
    CONSTRAINT name_length CHECK (length(name) > 0 AND length(name) < 128),
    CONSTRAINT leader_id_length CHECK (length(leader_id) > 0 AND length(leader_id) < 128)
);
CREATE TABLE river_migration (
    line text NOT NULL,
    version integer NOT NULL,
    created_at timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT line_length CHECK (length(line) > 0 AND length(line) < 128),
    CONSTRAINT version_gte_1 CHECK (version >= 1),
    PRIMARY KEY (line, version)
);
CREATE TABLE river_client (
    id text PRIMARY KEY NOT NULL,
    created_at timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP,
    metadata blob NOT NULL DEFAULT (json('{}')),
    paused_at timestamp,
    updated_at timestamp NOT NULL,
    CONSTRAINT name_length CHECK (length(id) > 0 AND length(id) < 128)
);
CREATE TABLE river_client_queue (
    river_client_id text NOT NULL REFERENCES river_client (id) ON DELETE CASCADE,
    name text NOT NULL,
    created_at timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP,
    max_workers integer NOT NULL DEFAULT 0,
    metadata blob NOT NULL DEFAULT (json('{}')),
    num_jobs_completed integer NOT NULL DEFAULT 0,
    num_jobs_running integer NOT NULL DEFAULT 0,
    updated_at timestamp NOT NULL,
    PRIMARY KEY (river_client_id, name),
    CONSTRAINT name_length CHECK (length(name) > 0 AND length(name) < 128),
    CONSTRAINT num_jobs_completed_zero_or_positive CHECK (num_jobs_completed >= 0),
    CONSTRAINT num_jobs_running_zero_or_positive CHECK (num_jobs_running >= 0)
);
CREATE TABLE river_job (
    id integer PRIMARY KEY, -- SQLite makes this autoincrementing automatically
    args blob NOT NULL DEFAULT '{}',
    attempt integer NOT NULL DEFAULT 0,
    attempted_at timestamp,
    attempted_by blob, -- json
    created_at timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP,
    errors blob, -- json
    finalized_at timestamp,
    kind text NOT NULL,
    max_attempts integer NOT NULL,
    metadata blob NOT NULL DEFAULT (json('{}')),
    priority integer NOT NULL DEFAULT 1,
    queue text NOT NULL DEFAULT 'default',
    state text NOT NULL DEFAULT 'available',
    scheduled_at timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP,
    tags blob NOT NULL DEFAULT (json('[]')),
    unique_key blob,
    unique_states integer,
    CONSTRAINT finalized_or_finalized_at_null CHECK (
        (finalized_at IS NULL AND state NOT IN ('cancelled', 'completed', 'discarded')) OR
        (finalized_at IS NOT NULL AND state IN ('cancelled', 'completed', 'discarded'))
    ),
    CONSTRAINT priority_in_range CHECK (priority >= 1 AND priority <= 4),
    CONSTRAINT queue_length CHECK (length(queue) > 0 AND length(queue) < 128),
    CONSTRAINT kind_length CHECK (length(kind) > 0 AND length(kind) < 128),
    CONSTRAINT state_valid CHECK (state IN ('available', 'cancelled', 'completed', 'discarded', 'pending', 'retryable', 'running', 'scheduled'))
);
CREATE INDEX river_job_kind ON river_job (kind);
CREATE INDEX river_job_state_and_finalized_at_index ON river_job (state, finalized_at) WHERE finalized_at IS NOT NULL;
CREATE INDEX river_job_prioritized_fetching_index ON river_job (state, queue, priority, scheduled_at, id);
CREATE UNIQUE INDEX river_job_unique_idx ON river_job (unique_key)
    WHERE unique_key IS NOT NULL
        AND unique_states IS NOT NULL
        AND CASE state
            WHEN 'available' THEN unique_states & (1 << 0)
            WHEN 'cancelled' THEN unique_states & (1 << 1)
            WHEN 'completed' THEN unique_states & (1 << 2)
            WHEN 'discarded' THEN unique_states & (1 << 3)
            WHEN 'pending'   THEN unique_states & (1 << 4)
            WHEN 'retryable' THEN unique_states & (1 << 5)
            WHEN 'running'   THEN unique_states & (1 << 6)
            WHEN 'scheduled' THEN unique_states & (1 << 7)
            ELSE 0
        END >= 1;
INSERT INTO river_migration (line, version, created_at) VALUES ('main', 1, '2026-11-28 20:49:16');
INSERT INTO river_migration (line, version, created_at) VALUES ('main', 2, '2026-11-28 20:49:16');
INSERT INTO river_migration (line, version, created_at) VALUES ('main', 3, '2026-11-28 20:49:16');
INSERT INTO river_migration (line, version, created_at) VALUES ('main', 4, '2026-11-28 20:49:16');
INSERT INTO river_migration (line, version, created_at) VALUES ('main', 5, '2026-11-28 20:49:16');
INSERT INTO river_migration (line, version, created_at) VALUES ('main', 6, '2026-11-28 20:49:16');
INSERT INTO river_job (id, args, attempt, attempted_at, attempted_by, created_at, errors, finalized_at, kind, max_attempts, metadata, priority, queue, state, scheduled_at, tags, unique_key, unique_states) VALUES (1, X'7B22637573746F6D65725F6964223A2238383132333730393334227D', 1, '2026-11-28 20:49:16.888', '["replica_2026_11_28T20_49_16_878891"]', '2026-11-28 20:49:16.880', '[{"at":"2026-11-28T20:49:16.89478823Z","attempt":1,"error":"shopify metafields: unavailable (http_503)","trace":""}]', NULL, 'metafield', 1000, '{}', 1, 'project', 'available', '2026-11-28 20:49:17.892997512+00:00', '[]', NULL, NULL);
INSERT INTO river_job (id, args, attempt, attempted_at, attempted_by, created_at, errors, finalized_at, kind, max_attempts, metadata, priority, queue, state, scheduled_at, tags, unique_key, unique_states) VALUES (2, X'7B22636F75706F6E5F6964223A397D', 1, '2026-11-28 20:49:16.901', '["replica_2026_11_28T20_49_16_878891"]', '2026-11-28 20:49:16.881', NULL, '2026-11-28 20:49:16.906494274+00:00', 'advance', 1000, '{}', 1, 'default', 'completed', '2026-11-28 20:49:16.881', '[]', X'B9C13D5975E0BCA3CF25BCD0FD8A045AB0F650885FCF3680624F2D3D0B842D33', 241);
INSERT INTO river_job (id, args, attempt, attempted_at, attempted_by, created_at, errors, finalized_at, kind, max_attempts, metadata, priority, queue, state, scheduled_at, tags, unique_key, unique_states) VALUES (4, X'7B22636F75706F6E5F6964223A317D', 0, NULL, NULL, '2026-11-28 20:49:16.937', NULL, NULL, 'advance', 1000, '{}', 1, 'default', 'available', '2026-11-28 20:49:16.937', '[]', X'E1591CF4934015171BBEA9155728E64ADC3E5778EDA451E64F582FCE8F273A9B', 241);
INSERT INTO river_job (id, args, attempt, attempted_at, attempted_by, created_at, errors, finalized_at, kind, max_attempts, metadata, priority, queue, state, scheduled_at, tags, unique_key, unique_states) VALUES (5, X'7B22636F75706F6E5F6964223A327D', 0, NULL, NULL, '2026-11-28 20:49:16.938', NULL, NULL, 'advance', 1000, '{}', 1, 'default', 'available', '2026-11-28 20:49:16.938', '[]', X'D3F456240A1966E6D612094770DE80354FA1AE71C46C29B6B8FE74232D869C0F', 241);
INSERT INTO river_job (id, args, attempt, attempted_at, attempted_by, created_at, errors, finalized_at, kind, max_attempts, metadata, priority, queue, state, scheduled_at, tags, unique_key, unique_states) VALUES (6, X'7B22636F75706F6E5F6964223A312C226D61696C223A22697373756564222C2273746570223A307D', 0, NULL, NULL, '2026-11-28 20:49:16.938', NULL, NULL, 'mail', 300, '{}', 2, 'project', 'scheduled', '2026-11-28 21:49:16.937', '[]', NULL, NULL);
INSERT INTO river_job (id, args, attempt, attempted_at, attempted_by, created_at, errors, finalized_at, kind, max_attempts, metadata, priority, queue, state, scheduled_at, tags, unique_key, unique_states) VALUES (7, X'7B22726566223A226769643A2F2F73686F706966792F4F726465722F3134227D', 0, NULL, NULL, '2026-11-28 20:49:16.938', NULL, NULL, 'order', 300, '{}', 1, 'project', 'available', '2026-11-28 20:49:16.938', '[]', NULL, NULL);
INSERT INTO river_queue (name, created_at, metadata, paused_at, updated_at) VALUES ('project', '2026-11-28 20:49:16.883', '{}', NULL, '2026-11-28 20:49:16.883');
INSERT INTO river_queue (name, created_at, metadata, paused_at, updated_at) VALUES ('sweep', '2026-11-28 20:49:16.886', '{}', NULL, '2026-11-28 20:49:16.886');
INSERT INTO river_queue (name, created_at, metadata, paused_at, updated_at) VALUES ('default', '2026-11-28 20:49:16.886', '{}', NULL, '2026-11-28 20:49:16.886');
