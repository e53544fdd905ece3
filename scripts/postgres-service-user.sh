#!/usr/bin/env bash
# Makes the service's own database user, SERVICE_USER with SERVICE_PASSWORD, or gives it that password again. It owns nothing
# and may nothing: `pointbridge migrate --service-user` gives it what the service needs. The image of PostgreSQL runs this
# when its volume is new.
set -euo pipefail

psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" <<'SQL'
\getenv name SERVICE_USER
\getenv password SERVICE_PASSWORD
SELECT format('CREATE ROLE %I', :'name') WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'name') \gexec
ALTER ROLE :"name" LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS PASSWORD :'password';
SQL
