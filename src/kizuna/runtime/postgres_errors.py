"""What can go wrong between us and PostgreSQL before the first query of a request, each with what to do next."""

from kizuna.core.errors import N_, Kind, Problem


class DatabaseStartFailed(Problem):
    """The embedded database did not start. `log` holds the last lines it wrote."""

    code = "database_start_failed"
    kind = Kind.UNAVAILABLE
    title = N_("The embedded database in {folder} did not start.")
    remedy = N_("Your data are untouched. Correct what it complains about and start again. It said: {log}")


class DatabaseStopFailed(Problem):
    """The embedded database did not stop."""

    code = "database_stop_failed"
    kind = Kind.UNAVAILABLE
    title = N_("The embedded database in {folder} (process {pid}) did not stop.")
    remedy = N_("End that process yourself; PostgreSQL recovers the data at the next start.")


class DatabasePortTaken(Problem):
    """Something else listens on the port that KIZUNA_EMBEDDED_PORT asks for."""

    code = "database_port_taken"
    kind = Kind.CONFLICT
    title = N_("Another program listens on port {port}, which the embedded database should use.")
    remedy = N_("Stop that program, or choose another port with KIZUNA_EMBEDDED_PORT.")


class DatabaseNeverStarted(Problem):
    """The address of the embedded database was asked for before its first start."""

    code = "database_never_started"
    kind = Kind.UNAVAILABLE
    title = N_("The embedded database in {folder} was never started.")
    remedy = N_("Start Kizuna once; it makes the database.")


class DatabaseTooOld(Problem):
    """The server behind DATABASE_URL is older than we support."""

    code = "database_too_old"
    kind = Kind.INVALID
    title = N_("The database server is PostgreSQL {version}; Kizuna needs {minimum} or newer.")
    remedy = N_("Upgrade that server, or remove DATABASE_URL to use the embedded one.")
