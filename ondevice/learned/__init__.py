"""What a profile learns from its items and keeps sealed, with one lifecycle: made, kept, used, dropped, forgotten.

Apps import from here what they tell a training, and what they are told of it.
"""

from ondevice.adaptation.gate.choosing import GateConfig as GateConfig
from ondevice.adaptation.recipes.privacy import Privacy as Privacy
from ondevice.adaptation.recipes.privacy import PrivacySpent as PrivacySpent
from ondevice.adaptation.recipes.recipe import LoraRecipe as LoraRecipe
from ondevice.adaptation.recipes.recipe import TrainingConfig as TrainingConfig
from ondevice.adaptation.recipes.recipe import TrainingReport as TrainingReport
from ondevice.bundle.gains import PopulationGain as PopulationGain
from ondevice.generation.prompts.summary import ProfileSummary as ProfileSummary
from ondevice.generation.prompts.summary import SummaryConfig as SummaryConfig
from ondevice.learned.adapter_notes import AdapterInfo as AdapterInfo
from ondevice.learned.adapter_notes import AdapterStatus as AdapterStatus
from ondevice.learned.merged_notes import MergedInfo as MergedInfo
from ondevice.learned.persona_notes import PersonaExplanation as PersonaExplanation
from ondevice.learned.persona_notes import PersonaShare as PersonaShare
from ondevice.learned.persona_notes import PersonaStatus as PersonaStatus
from ondevice.learned.plans import PersonalizationPlan as PersonalizationPlan
from ondevice.learned.recipe_search import RecipeSearch as RecipeSearch
