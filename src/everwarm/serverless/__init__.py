"""`serverless.yml`: a project file read into what is to run. `project.py` is where to begin.

Not here: starting what it says (`everwarm.stack`).
"""

from everwarm.serverless.project import Notice, Project, TableResource, Trigger, find_project_file, load

__all__ = ["Notice", "Project", "TableResource", "Trigger", "find_project_file", "load"]
