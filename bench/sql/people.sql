INSERT INTO users_user (
    password, is_superuser, username, first_name, last_name, is_staff, is_active, date_joined, email
)
SELECT '!', false, 'person-' || n, 'First', 'Last', false, true, now(), 'person-' || n || '@evently.example'
FROM generate_series(1, {users}) AS n;
