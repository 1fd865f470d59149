-- Two roles for production: one that owns the tables and migrates, one that Evently serves with.
-- The latter adds to the record of changes and can't change it.
--
--   psql -v owner=evently_owner -v app=evently_app -f deploy/roles.sql DATABASE
--
-- as a superuser: before the first `manage.py migrate`, and after each one. Until it runs, the
-- application can neither change nor delete rows of a new table: what is forgotten shows. The
-- roles have no password at first: `\password evently_owner`. Repeating is harmless.

\set ON_ERROR_STOP on
\if :{?owner} \else \set owner evently_owner \endif
\if :{?app} \else \set app evently_app \endif
BEGIN;

SELECT format('CREATE ROLE %I LOGIN', role)
FROM unnest(ARRAY[:'owner', :'app']) AS role
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role) \gexec

-- Nobody else gets in, and only the owner makes tables.
REVOKE ALL ON DATABASE :"DBNAME" FROM PUBLIC;
GRANT CONNECT ON DATABASE :"DBNAME" TO :"owner", :"app";
ALTER SCHEMA public OWNER TO :"owner";
REVOKE ALL ON SCHEMA public FROM PUBLIC, :"app";
GRANT USAGE ON SCHEMA public TO :"app";

-- What another role has made already. (A column's own sequence goes with its table.)
SELECT format('ALTER TABLE public.%I OWNER TO %I', tablename, :'owner')
FROM pg_tables WHERE schemaname = 'public' AND tableowner <> :'owner' \gexec

-- What there is.
REVOKE ALL ON ALL TABLES IN SCHEMA public FROM PUBLIC, :"app";
GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA public TO :"app";
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO :"app";
SELECT format('GRANT UPDATE, DELETE ON public.%I TO %I', tablename, :'app')
FROM pg_tables
WHERE schemaname = 'public' AND tablename NOT IN ('audit_auditrecord', 'django_migrations') \gexec

-- And what the owner will make.
ALTER DEFAULT PRIVILEGES FOR ROLE :"owner" IN SCHEMA public GRANT SELECT, INSERT ON TABLES TO :"app";
ALTER DEFAULT PRIVILEGES FOR ROLE :"owner" IN SCHEMA public GRANT USAGE ON SEQUENCES TO :"app";

COMMIT;
