"""Whether personalization hurts where it has nothing to give: requests without need of a history, beside one."""
