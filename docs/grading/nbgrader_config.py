"""nbgrader reads this where it is started: the folder of the course."""

c = get_config()  # noqa: F821

c.CourseDirectory.course_id = "distillation"
c.ClearSolutions.code_stub = {"python": "raise NotImplementedError  # your code here"}
c.ExecutePreprocessor.timeout = 120  # seconds a cell: the first one loads PyTorch
