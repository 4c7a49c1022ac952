-- How many jobs stand in each state: asked at every event, and a count of rows grows with the queue.
CREATE TABLE job_counts (
    state TEXT NOT NULL PRIMARY KEY,
    count INTEGER NOT NULL
);

INSERT INTO job_counts (state, count) SELECT state, count(*) FROM jobs GROUP BY state;

CREATE TRIGGER jobs_added AFTER INSERT ON jobs
BEGIN
    INSERT INTO job_counts (state, count) VALUES (NEW.state, 1)
    ON CONFLICT (state) DO UPDATE SET count = count + 1;
END;

CREATE TRIGGER jobs_moved AFTER UPDATE OF state ON jobs WHEN NEW.state <> OLD.state
BEGIN
    UPDATE job_counts SET count = count - 1 WHERE state = OLD.state;
    INSERT INTO job_counts (state, count) VALUES (NEW.state, 1)
    ON CONFLICT (state) DO UPDATE SET count = count + 1;
END;

CREATE TRIGGER jobs_removed AFTER DELETE ON jobs
BEGIN
    UPDATE job_counts SET count = count - 1 WHERE state = OLD.state;
END;
