import tempfile
import threading
import unittest

from seen import Seen


class SeenTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = folder.name + "/seen.sqlite"
        self.seen = Seen(self.path)

    def count(self, table):
        db = self.seen._connect()
        self.addCleanup(db.close)
        return db.execute(f"SELECT count(*) FROM {table}").fetchone()[0]

    def test_an_event_is_worked_on_once_also_by_the_next_process(self):
        self.assertTrue(self.seen.once("evt_1", lambda db: None))
        self.assertFalse(self.seen.once("evt_1", lambda db: self.fail("again")))
        self.assertFalse(Seen(self.path).once("evt_1", lambda db: self.fail("again")))

    def test_what_fails_is_not_remembered_and_what_it_wrote_is_undone(self):
        def half(db):
            db.execute("CREATE TABLE sales (id TEXT)")
            db.execute("INSERT INTO sales VALUES ('ord_1')")
            raise OSError("full")

        with self.assertRaisesRegex(OSError, "full"):
            self.seen.once("evt_1", half)
        self.assertEqual(self.count("sqlite_master WHERE name = 'sales'"), 0)
        self.assertEqual(self.count("seen"), 0)
        self.assertTrue(self.seen.once("evt_1", lambda db: None))

    def test_the_memory_is_there_when_the_work_is_and_not_before(self):
        self.seen.once("evt_1", lambda db: self.assertEqual(self.count("seen"), 0))
        self.assertEqual(self.count("seen"), 1)

    def test_deliveries_of_one_event_wait_for_each_other(self):
        worked, together = [], threading.Barrier(8)

        def deliver():
            together.wait()
            self.seen.once("evt_1", lambda db: worked.append(1))

        threads = [threading.Thread(target=deliver) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(worked, [1])


if __name__ == "__main__":
    unittest.main()
